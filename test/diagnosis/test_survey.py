from omnibind_ros.diagnosis.survey import Endpoint, LiveTopic, Survey


def test_a_topic_that_nobody_publishes_has_no_publishers() -> None:
    driver = Endpoint("/driver", "std_msgs/msg/String", "reliable")
    survey = Survey(topics={"/prompt": LiveTopic((driver,))})
    assert survey.publishers("/prompt") == (driver,)
    assert survey.publishers("/other") == ()
